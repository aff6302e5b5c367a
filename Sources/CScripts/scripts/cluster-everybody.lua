-- Everybody's record, and how many calls are noted under each who is dead.
local function everybody(owned)
  local members = redis.call('HGETALL', p .. 'members')
  local orphans = {}
  for i = 2, #members, 2 do
    if string.sub(members[i], 1, 1) == 'x' then
      orphans[#orphans + 1] = members[i - 1]
      orphans[#orphans + 1] = redis.call('SCARD', p .. 'own:' .. members[i - 1])
    end
  end
  return {'TABLE', redis.call('GET', p .. 'view') or '0', owned, members, orphans}
end
local function whole(number) return string.format('%.0f', number) end
