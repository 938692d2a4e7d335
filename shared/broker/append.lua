-- Append one event to a job's stream unless its identity is there already.
--
-- KEYS: stream, meta   ARGV: fresh epoch, time to live, identity, event as JSON
-- meta is a hash: epoch, seq, and a field for each identity.
-- Returns 1 if the event was appended, else 0.
if redis.call('HSETNX', KEYS[2], ARGV[3], 1) == 0 then return 0 end
redis.call('HSETNX', KEYS[2], 'epoch', ARGV[1])
local now = redis.call('TIME')
local seq = redis.call('HINCRBY', KEYS[2], 'seq', 1)
redis.call('XADD', KEYS[1], seq .. '-0',
  'epoch', redis.call('HGET', KEYS[2], 'epoch'),
  'at', now[1] * 1000 + math.floor(now[2] / 1000),
  'event', ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return 1
