-- Extends a hold. One from an earlier generation is said again where it was forgotten.
--
-- ARGV  5 the fence

local mine = ARGV[5]

local function is_below(some, other)
  local generation_of, count = string.match(some, '^(%d+)%.(%d+)$')
  local other_generation, other_count = string.match(other, '^(%d+)%.(%d+)$')
  if generation_of ~= other_generation then
    return tonumber(generation_of) < tonumber(other_generation)
  end
  return tonumber(count) < tonumber(other_count)
end

if owner == ARGV[2] and fence == mine then
  seq, taken = seq + 1, '1'
  save()
  return {'RENEWED'}
end
-- Only what was lost with an earlier generation can be missing by mistake, and only until others may
-- have had it.
if is_of_now(mine) or settled(false) or (owner and not is_below(fence, mine)) then
  return {'LOST'}
end
owner, fence, seq, taken, at = ARGV[2], mine, 1, '1', 0
local place = place_of(owner)
if place then
  remove(place)
end
save()
return {'RENEWED'}
