-- Ends a hold, if it is one, and hands over to who waits longest.
--
-- ARGV  5 the fence

if owner ~= ARGV[2] or fence ~= ARGV[5] then
  return {'LOST'}
end
owner = false
if #waiting > 0 and settled(false) then
  hand_over()
end
save()
return {'RELEASED'}
