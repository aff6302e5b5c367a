-- Writes a job's beginning or its progress. Its type and creation are kept.
--
-- KEYS[1] the job: type, state, created, updated
-- KEYS[2] the ids of all in order, KEYS[3] all by their last writing, KEYS[4] recordings by creation
-- ARGV: id, type, state, created, updated
local id = ARGV[1]
local old = redis.call('HGET', KEYS[1], 'updated')
if old then
    redis.call('ZREM', KEYS[3], old .. id)
else
    redis.call('HSET', KEYS[1], 'type', ARGV[2], 'created', ARGV[4])
    redis.call('ZADD', KEYS[2], 0, id)
    if ARGV[2] == 'recording' then redis.call('ZADD', KEYS[4], 0, ARGV[4] .. id) end
end
redis.call('HSET', KEYS[1], 'state', ARGV[3], 'updated', ARGV[5])
redis.call('ZADD', KEYS[3], 0, ARGV[5] .. id)
return 1
