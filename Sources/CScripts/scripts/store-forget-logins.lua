-- Forgets logins that have expired at a time. Answers how many.
--
-- KEYS[1] all logins by when they expire
-- ARGV: the time, how many at most, and what begins the keys of logins
--
-- 0xFF is above all digits: whoever expires at the very time is among them.
local bound = '(' .. ARGV[1] .. '\255'
local members = redis.call('ZRANGEBYLEX', KEYS[1], '-', bound, 'LIMIT', 0, ARGV[2])
for _, member in ipairs(members) do
    local key = ARGV[3] .. string.sub(member, 17)
    -- Redis may have forgotten it by itself, and it may have been written anew since.
    if redis.call('GETRANGE', key, 0, 15) == string.sub(member, 1, 16) then
        redis.call('DEL', key)
    end
    redis.call('ZREM', KEYS[1], member)
end
return #members
