-- What all calls come to, and how many there were from day to day.
--
-- KEYS[1] calls by start, KEYS[2] recordings by creation, KEYS[3] sums over all calls
-- ARGV: the bounds of each span of time, two and two
--
-- Answers with how many calls there are, the sums, and of each span how many calls and recordings began
-- in it.
local answer = {redis.call('ZCARD', KEYS[1]), redis.call('HGETALL', KEYS[3])}
for place = 1, #ARGV - 1, 2 do
    answer[#answer + 1] = redis.call('ZLEXCOUNT', KEYS[1], ARGV[place], ARGV[place + 1])
    answer[#answer + 1] = redis.call('ZLEXCOUNT', KEYS[2], ARGV[place], ARGV[place + 1])
end
return answer
