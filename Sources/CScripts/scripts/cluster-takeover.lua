-- takeover nid life former channel…
local taken, former = {'TAKEN'}, ARGV[4]
for i = 5, #ARGV do
  local channel = ARGV[i]
  local old = room(channel)
  if old[2] ~= former then
    redis.call('SREM', p .. 'own:' .. former, channel)
  elseif former == me or not (stands(former, old[3])
    or (old[4] and old[4] ~= me and stands(old[4], old[5]))) then
    local count = redis.call('INCR', p .. 'count')
    write(channel, old, generation .. '.' .. string.format('%.0f', count), me, life)
    local snapshot = redis.call('GET', p .. 'snap:' .. channel)
    taken[#taken + 1] = channel
    taken[#taken + 1] = count
    taken[#taken + 1] = snapshot and string.sub(snapshot, (string.find(snapshot, '\n') or 0) + 1)
  end
end
return taken
