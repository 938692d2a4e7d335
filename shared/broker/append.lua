-- Append one event to a job's stream unless its identity is there already.
--
-- ARGV goes on with: identity, event as JSON. Returns 1 if the event was appended, else 0.
local identity, event = ARGV[3], ARGV[4]
if redis.call('HSETNX', meta, identity, 1) == 0 then return 0 end
add(event)
return 1
