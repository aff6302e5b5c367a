-- What the scripts of a mutex share; each of them is this and its own file.
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
-- Most of the time nobody waits, and then nothing below needs a clock or the queue.
local waiting = mutex[6] and cmsgpack.unpack(mutex[6]) or {}

local clock
local function now()
  if not clock then
    local time = redis.call('TIME')
    clock = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  return clock
end

-- Whether nobody can hold anything from an earlier generation any more. Whoever knows says so, for all.
local function settled(known)
  if redis.call('HGET', SHARED, 'settled') == generation then
    return true
  end
  if known then
    redis.call('HSET', SHARED, 'settled', generation)
  end
  return known
end

local function save()
  if #waiting == 0 and not mutex[6] then
    if owner then
      redis.call('HSET', MUTEX, 'owner', owner, 'fence', fence, 'seq', seq, 'taken', taken, 'at', at)
    elseif mutex[1] then
      redis.call('DEL', MUTEX)
    end
    return
  end
  if #waiting == 0 and not owner then
    redis.call('DEL', MUTEX)
    return
  end
  local fields = {'HSET', MUTEX}
  local gone = {'HDEL', MUTEX}
  if owner then
    for _, field in ipairs({'owner', owner, 'fence', fence, 'seq', seq, 'taken', taken, 'at', at}) do
      fields[#fields + 1] = field
    end
  elseif mutex[1] then
    gone[#gone + 1] = 'owner'
  end
  if #waiting > 0 then
    fields[#fields + 1] = 'wait'
    fields[#fields + 1] = cmsgpack.pack(waiting)
  elseif mutex[6] then
    gone[#gone + 1] = 'wait'
  end
  if #fields > 2 then
    redis.call(unpack(fields))
  end
  if #gone > 2 then
    redis.call(unpack(gone))
  end
end

local function place_of(who)
  for place = 1, #waiting, 2 do
    if waiting[place] == who then
      return place
    end
  end
end

local function remove(place)
  table.remove(waiting, place)
  table.remove(waiting, place)
end

local function patience()
  return tonumber(string.match(ARGV[4], '^%d+'))
end

local function grace()
  return tonumber(string.match(ARGV[4], '%d+$'))
end

-- Hands it to who has waited longest and is still there. `me` needs no notice: the answer says it.
local function hand_over(me)
  while #waiting > 0 and waiting[1] ~= me and now() - waiting[2] > patience() do
    remove(1)
  end
  if #waiting == 0 then
    return
  end
  owner, seq, at = waiting[1], 1, 0
  fence = generation .. '.' .. string.format('%.0f', redis.call('HINCRBY', SHARED, 'count', 1))
  remove(1)
  if owner == me then
    taken = '1'
  else
    taken, at = '0', string.format('%.0f', now())
    redis.call('PUBLISH', prefix .. 'mx-for:' .. string.match(owner, '^([^/]*)/'), ARGV[3])
  end
end

-- Whether this fence was drawn in this generation.
local function is_of_now(some)
  return string.sub(some, 1, #generation + 1) == generation .. '.'
end

-- Takes it for `me`, or waits. `seizing` is the holder who stands still.
local function lock(me, seizing, known)
  local is_settled = known and settled(true)
  if owner == me and not is_of_now(fence) then
    -- From before the data was lost: others may have come and gone since, whom it has forgotten.
    owner = false
  end
  if owner == me then
    seq, taken = seq + 1, '1'
    save()
    return {'GRANTED', fence}
  end
  is_settled = is_settled or settled(false)
  local place = place_of(me)
  if not owner and is_settled and #waiting == 0 then
    waiting[1] = me
    hand_over(me)
    save()
    return {'GRANTED', fence}
  end
  if place then
    waiting[place + 1] = now()
  elseif #waiting >= 2 * MOST_WAITING then
    return {'FULL'}
  else
    waiting[#waiting + 1] = me
    waiting[#waiting + 1] = now()
  end
  if owner and taken ~= '1' and now() - tonumber(at) > grace() then
    owner = false
  end
  if owner and seizing and owner == seizing[1] and fence == seizing[2] and seq == tonumber(seizing[3])
  then
    owner = false
  end
  if not owner and is_settled then
    hand_over(me)
  end
  save()
  if not owner then
    return {'UNSETTLED'}
  end
  if owner == me then
    return {'GRANTED', fence}
  end
  return {'BUSY', owner, fence, seq}
end
