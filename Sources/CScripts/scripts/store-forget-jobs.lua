-- Forgets jobs that were last written before a time. Answers how many.
--
-- KEYS[1] jobs by their last writing, KEYS[2] their ids in order, KEYS[3] recordings by creation
-- ARGV: the time, how many at most, and what begins the keys of jobs
local ids = redis.call('ZRANGEBYLEX', KEYS[1], '-', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
for _, member in ipairs(ids) do
    local id = string.sub(member, 17)
    local created = redis.call('HGET', ARGV[3] .. id, 'created')
    if created then redis.call('ZREM', KEYS[3], created .. id) end
    redis.call('ZREM', KEYS[2], id)
    redis.call('ZREM', KEYS[1], member)
    redis.call('UNLINK', ARGV[3] .. id)
end
return #ids
