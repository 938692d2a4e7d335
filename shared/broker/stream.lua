-- Shared by the scripts in this folder: a job's event stream and its meta hash.
--
-- KEYS: stream, meta. ARGV[1]: an epoch, used if the stream is new. ARGV[2]: time to live, seconds.
-- meta has the fields epoch, run and seq, one field per event identity, and for each melody its
-- numbers of notes and bars, its origin and its attempt. `run` is the replication
-- id, which a server changes whenever it starts or is promoted: a server that was killed, and a
-- promoted replica, may lack the end of a stream, and must not assign its numbers again. A stream of
-- an earlier run is therefore deleted here; the gateway rebuilds it from PostgreSQL under a new epoch.
local stream, meta, epoch, time_to_live = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local run = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
if redis.call('HGET', meta, 'run') ~= run then
  redis.call('DEL', stream, meta)
end

local is_changed = false

local function add(event)
  is_changed = true
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

-- Tell the subscribers of a changed stream to read it.
local function notify()
  if is_changed then redis.call('PUBLISH', stream, '') end
end

-- Delete the stream: the next event starts another one, under the epoch of this call. The origins and
-- the attempts stay, so that a worker that has lost a shard does not start it once more.
local function restart()
  local fields = redis.call('HGETALL', meta)
  redis.call('DEL', stream, meta)
  for i = 1, #fields, 2 do
    if string.match(fields[i], ':origin$') or string.match(fields[i], ':attempt$') then
      redis.call('HSET', meta, fields[i], fields[i + 1])
    end
  end
  redis.call('HSET', meta, 'run', run)
  redis.call('EXPIRE', meta, time_to_live)
end
