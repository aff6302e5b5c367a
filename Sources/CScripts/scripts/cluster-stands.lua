-- Whether a member is alive in that life: nil if it has no record. A record is
-- "state life incarnation sequence since seen asserted load…", its state u(p), d(raining) or x (dead).
local function stands(nid, life)
  local record = redis.call('HGET', p .. 'members', nid)
  if not record then return nil end
  return string.sub(record, 1, 1) ~= 'x' and string.match(record, '^%a (%d+)') == life
end
