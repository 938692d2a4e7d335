-- What the scripts beside this one share: a job's stream and its meta hash.
--
-- KEYS: stream, meta. ARGV begins with a fresh epoch and the time to live in seconds.
-- meta holds epoch, run, seq, and a field for each identity. `run` is the server's: one that was
-- killed may have lost the end of a stream, and must not give its numbers out again. So a stream of
-- an earlier run is forgotten here, and told again from the truth under a new epoch.
local stream, meta, epoch, time_to_live = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
if redis.call('HGET', meta, 'run') ~= run then
  redis.call('DEL', stream, meta)
end

local function add(event)
  redis.call('HSETNX', meta, 'run', run)
  redis.call('HSETNX', meta, 'epoch', epoch)
  local now = redis.call('TIME')
  local seq = redis.call('HINCRBY', meta, 'seq', 1)
  redis.call('XADD', stream, seq .. '-0',
    'epoch', redis.call('HGET', meta, 'epoch'),
    'at', now[1] * 1000 + math.floor(now[2] / 1000),
    'event', event)
  redis.call('EXPIRE', stream, time_to_live)
  redis.call('EXPIRE', meta, time_to_live)
end
