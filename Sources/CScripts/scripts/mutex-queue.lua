-- Those who wait, and what becomes of them. Scripts that can do without have ended before this.

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
