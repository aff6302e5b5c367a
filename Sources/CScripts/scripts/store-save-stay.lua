-- Writes that a session has joined a call, or left it. Answers 0 if there is no such call.
--
-- KEYS[1] the call, KEYS[2] who was in it, KEYS[3] their order, KEYS[4] sums over all calls
-- ARGV: when it joined, its name, its user, when it left or sixteen dashes
--
-- Who was in a call is one hash: a field "s", time and session for each stay, and a field "u" and user
-- for each of the different people.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local member = ARGV[1] .. ARGV[2]
local old = redis.call('HGET', KEYS[2], 's' .. member)
local user = old and string.sub(old, 17) or ARGV[3]
redis.call('HSET', KEYS[2], 's' .. member, ARGV[4] .. user)
if not old then
    redis.call('ZADD', KEYS[3], 0, member)
    if redis.call('HSETNX', KEYS[2], 'u' .. user, '') == 1 then
        redis.call('HINCRBY', KEYS[4], 'people', 1)
        if redis.call('HINCRBY', KEYS[1], 'people', 1) == 1 then
            redis.call('HINCRBY', KEYS[4], 'attended', 1)
        end
    end
end
return 1
