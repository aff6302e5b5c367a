-- Ends a hold, if it is one, and hands over to who waits longest.
--
-- ARGV  8 the fence

if owner ~= ARGV[3] or fence ~= ARGV[8] then
  return {'LOST'}
end
owner = false
if #waiting > 0 and settled(false) then
  hand_over()
end
save()
return {'RELEASED'}
