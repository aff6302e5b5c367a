-- Somebody waits: who waits longest has it now.

owner = false
if #waiting > 0 and settled(false) then
  hand_over()
end
save()
return {'RELEASED'}
