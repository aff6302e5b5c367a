-- Ends a hold, if it is one, and hands over to who waits longest.
--
-- ARGV  8 the fence  9 the asker's own next round, which waits behind all others; or empty

local was_mine = owner == ARGV[3] and fence == ARGV[8]
if was_mine then
  owner = false
end
if ARGV[9] ~= '' then
  return {'FOLLOWED', lock(ARGV[9], false, false)}
end
if not was_mine then
  return {'LOST'}
end
if settled(false) then
  hand_over()
end
save()
return {'RELEASED'}
