-- reassert nid life (channel generation count)…
local lost = {}
for i = 4, #ARGV, 3 do
  local channel, gen, count = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local token = gen .. '.' .. count
  if gen == generation then raisecount(tonumber(count)) end
  local old = room(channel)
  if old[1] == token and old[2] == me then
    redis.call('HSET', p .. 'room:' .. channel, 'life', life)
  else
    local isOlder = true
    if old[1] then
      local oldgen, oldcount = string.match(old[1], '^(%d+)%.(%d+)$')
      oldgen, oldcount = tonumber(oldgen or '0'), tonumber(oldcount or '0')
      local newgen, newcount = tonumber(gen), tonumber(count)
      isOlder = oldgen < newgen or (oldgen == newgen and oldcount < newcount)
        or (old[1] == token and not stands(old[2], old[3]))
    end
    if isOlder then
      write(channel, old, token, me, life)
    else
      for _, part in ipairs({channel, old[1], old[2], old[3]}) do lost[#lost + 1] = part end
    end
  end
end
return {'ASSERTED', lost}
