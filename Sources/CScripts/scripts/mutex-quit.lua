-- Waits no more, and gives back what was handed over meanwhile.

local place = place_of(ARGV[2])
if place then
  remove(place)
end
if owner == ARGV[2] then
  owner = false
  if settled(false) then
    hand_over()
  end
end
save()
return {'RELEASED'}
