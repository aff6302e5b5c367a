-- What the scripts of a mutex share. Each of them is this; what it can do without the queue
-- (mutex-…-alone.lua); the queue (mutex-queue.lua); and its own file.
--
-- A mutex is one hash, there only while somebody holds it or waits for it:
--
--   owner   who holds it, or was handed it: "member/life/round"; not there while nobody does
--   fence   "generation.count" of that hold; the count is one for all mutexes, so it only grows
--   seq     moves whenever the owner says that it is still there: who would seize it names what was seen
--   taken   1 once the owner knows that it is the owner
--   at      when it was handed over, in ms of this server's clock, as long as it is not taken
--   wait    the queue, packed: owner, when it was last heard of, owner, when ...
--
-- This server's clock decides who is passed over in the queue, and nothing else.
--
-- KEYS  1 the era of the data; its siblings are what all mutexes share (mx: count, settled) and each
--         mutex (mx:NAME), and channels for members (mx-for:MEMBER)
-- ARGV  1 "generation run", as the asker believes them to be  2 who asks  3 the mutex's name
--       4 "patience grace", in ms

local MOST_WAITING = 256

local era = redis.call('HMGET', KEYS[1], 'gen', 'run')
local generation = era[1]
if not generation or not era[2] or generation .. ' ' .. era[2] ~= ARGV[1] then
  return {'STALE'}
end
local prefix = string.sub(KEYS[1], 1, -4)
local SHARED, MUTEX = prefix .. 'mx', prefix .. 'mx:' .. ARGV[3]

-- Since Redis 7 all effects are replicated as they are; before, it has to be asked for.
if redis.replicate_commands then
  redis.replicate_commands()
end

local mutex = redis.call('HMGET', MUTEX, 'owner', 'fence', 'seq', 'taken', 'at', 'wait')
local owner, fence, seq, taken, at = mutex[1], mutex[2], tonumber(mutex[3]), mutex[4], mutex[5]
