-- bump nid life incarnation: voids the votes against earlier ones.
local state, l, inc, seq, rest =
  string.match(redis.call('HGET', p .. 'members', me), '^(%a) (%d+) (%d+) (%d+) (.*)$')
if tonumber(inc) < tonumber(ARGV[4]) then
  redis.call('HSET', p .. 'members', me,
    table.concat({state, l, ARGV[4], string.format('%.0f', tonumber(seq) + 1), rest}, ' '))
end
return {'DONE'}
