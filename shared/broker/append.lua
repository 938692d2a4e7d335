-- Append one event to a job's stream unless its identity is there already.
--
-- ARGV goes on with: identity, event as JSON, the identity that a stream begins with.
-- A stream without its beginning was lost: what is said here is in PostgreSQL by now, and whoever tells
-- the stream again says it in its place. Returns 1 if the event was appended, else 0.
local identity, event, beginning = ARGV[3], ARGV[4], ARGV[5]
if identity ~= beginning and redis.call('HEXISTS', meta, beginning) == 0 then return 0 end
if redis.call('HSETNX', meta, identity, 1) == 0 then return 0 end
add(event)
return 1
