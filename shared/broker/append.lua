-- Append one event to a job's stream, unless the stream already has an event with its identity.
--
-- ARGV[3]: identity. ARGV[4]: event as JSON. ARGV[5]: identity of the first event of every stream.
-- A stream without its first event was lost: nothing is appended, because the event is in PostgreSQL
-- by now, and a rebuild of the stream includes it. Returns 1 if the event was appended, else 0.
local identity, event, first_event_id = ARGV[3], ARGV[4], ARGV[5]
if identity ~= first_event_id and redis.call('HEXISTS', meta, first_event_id) == 0 then return 0 end
if redis.call('HSETNX', meta, identity, 1) == 0 then return 0 end
add(event)
return 1
