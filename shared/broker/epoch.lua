-- The epoch of a stream that has its first event; false if it is missing.
--
-- ARGV[3]: identity of the first event.
if redis.call('HEXISTS', meta, ARGV[3]) == 0 then return false end
return redis.call('HGET', meta, 'epoch')
