-- Forgets calls that ended before a time, with who was in them. Answers how many.
--
-- KEYS[1] calls by end, KEYS[2] calls by start, KEYS[3] sums over all calls
-- ARGV: the time, how many at most, and what begins the keys of calls, of the calls of a channel, of
-- those who were in a call, and of their order
local ids = redis.call('ZRANGEBYLEX', KEYS[1], '-', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
for _, member in ipairs(ids) do
    local id = string.sub(member, 17)
    local call = redis.call(
        'HMGET', ARGV[3] .. id, 'channel', 'started', 'ended', 'screen', 'video', 'people')
    local function add(field, number)
        if number ~= 0 then
            redis.call('HINCRBY', KEYS[3], field, string.format('%.0f', -number))
        end
    end
    if call[2] then
        redis.call('ZREM', KEYS[2], call[2] .. id)
        redis.call('ZREM', ARGV[4] .. call[1], call[2] .. id)
        add('ended', 1)
        add('milliseconds', tonumber(call[3]) - tonumber(call[2]))
        if call[4] then add('screenCalls', 1) end
        if call[5] then
            add('videoCalls', 1)
            add('videoSeconds', tonumber(call[5]))
        end
        if call[6] then
            add('attended', 1)
            add('people', tonumber(call[6]))
        end
    end
    redis.call('ZREM', KEYS[1], member)
    redis.call('UNLINK', ARGV[3] .. id, ARGV[5] .. id, ARGV[6] .. id)
end
return #ids
