-- The epoch of a stream that is there from the beginning; false if it is not.
--
-- ARGV goes on with: the identity of the first event.
if redis.call('HEXISTS', meta, ARGV[3]) == 0 then return false end
return redis.call('HGET', meta, 'epoch')
