-- register nid life incarnation sequence load card asserted, and, if it replaces a namesake that has not moved
-- for a lease's time: its nid life incarnation sequence.
local key, nid = p .. 'members', ARGV[2]
local record = redis.call('HGET', key, nid)
if record then
  local state, life, inc, seq, since, seen, asserted =
    string.match(record, '^(%a) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)')
  if life and tonumber(life) > tonumber(ARGV[3]) then return {'EVICTED'} end
  if life == ARGV[3] then
    if state == 'x' then return {'EVICTED'} end
    inc = whole(math.max(tonumber(inc), tonumber(ARGV[4])))
    seq = whole(math.max(tonumber(seq), tonumber(ARGV[5])) + 1)
    redis.call('HSET', key, nid,
      table.concat({state, life, inc, seq, since, seen, asserted, ARGV[6]}, ' '))
    redis.call('HSET', p .. 'cards', nid, ARGV[7])
    return everybody(redis.call('SCARD', p .. 'own:' .. nid))
  end
end
local name = string.match(nid, '^[^#]*')
local members = redis.call('HGETALL', key)
local namesakes = {}
for i = 1, #members, 2 do
  if members[i] ~= nid and string.match(members[i], '^[^#]*') == name
    and string.sub(members[i + 1], 1, 1) ~= 'x' then
    namesakes[#namesakes + 1] = members[i]
  end
end
table.sort(namesakes)
for _, other in ipairs(namesakes) do
  local theirs = redis.call('HGET', key, other)
  local state, life, inc, seq, rest = string.match(theirs, '^(%a) (%d+) (%d+) (%d+) (.*)$')
  if other ~= ARGV[9] or life ~= ARGV[10] or inc ~= ARGV[11] or seq ~= ARGV[12] then
    local answer = everybody(0)
    return {'NAMESAKE', other, answer[2], answer[4], answer[5]}
  end
  redis.call('HSET', key, other, table.concat({'x', life, inc, seq, rest}, ' '))
end
local view = whole(redis.call('INCR', p .. 'view'))
redis.call('HSET', key, nid,
  table.concat({'u', ARGV[3], ARGV[4], ARGV[5], view, '0', ARGV[8], ARGV[6]}, ' '))
redis.call('HSET', p .. 'cards', nid, ARGV[7])
return everybody(redis.call('SCARD', p .. 'own:' .. nid))
