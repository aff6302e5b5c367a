-- Who is in the cluster, and who hosts what. One script with a verb, so that Redis has one text to keep.
--
-- KEYS[1]  the prefix of all keys, whose hash tag puts them into one slot
-- ARGV[1]  the generation that the asker believes in, ARGV[2] the run of Redis, ARGV[3] the verb, then what it takes
--
-- A member's record is one line: life incarnation sequence since seen asserted state and its load in six numbers.
-- A place is one line: generation count member life, and where it is moving to: member life.
-- Numbers are doubles here, so nobody counts beyond 2^53.

local P = KEYS[1]
local GEN, VIEW, COUNT = P .. 'gen', P .. 'view', P .. 'count'
local MEMBERS, CARDS, PLACES = P .. 'members', P .. 'cards', P .. 'places'
local function own(member) return P .. 'own:' .. member end
local function snap(channel) return P .. 'snap:' .. channel end
local function text(number) return string.format('%.0f', number) end

local generation, run, verb = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local at = 4
local function word()
  at = at + 1
  return ARGV[at - 1]
end
local function number() return tonumber(word()) end

-- The gate.

local known = redis.call('HMGET', GEN, 'g', 'run')
local g, begun = tonumber(known[1]), known[2]
local function stale() return {'stale', g and text(g) or '', begun or ''} end
if verb == 'raise' then
  if g and generation <= g then return stale() end
  redis.call('HSET', GEN, 'g', text(generation), 'run', run)
  return {'done'}
end
if g ~= generation or begun ~= run then return stale() end

-- Records.

local function split(line)
  local words = {}
  for each in string.gmatch(line, '%S+') do words[#words + 1] = each end
  return words
end

local function record(member)
  local line = redis.call('HGET', MEMBERS, member)
  if not line then return nil end
  local w = split(line)
  return {
    life = tonumber(w[1]), incarnation = tonumber(w[2]), sequence = tonumber(w[3]), since = tonumber(w[4]),
    seen = tonumber(w[5]), asserted = tonumber(w[6]), state = w[7], load = table.concat(w, ' ', 8),
  }
end

local function keep(member, r)
  redis.call('HSET', MEMBERS, member, table.concat({
    text(r.life), text(r.incarnation), text(r.sequence), text(r.since), text(r.seen), text(r.asserted), r.state, r.load,
  }, ' '))
end

local function vouches(r, life) return r and r.state ~= 'x' and r.life == life end

-- Why this member may do nothing in this life; nil if it may.
local function objection(member, life)
  local r = record(member)
  if not r then return {'unregistered'} end
  if not vouches(r, life) then return {'evicted'} end
  return nil, r
end

local function owned(member) return redis.call('SCARD', own(member)) end

local function everybody(asker)
  local all = redis.call('HGETALL', MEMBERS)
  local answer = {'table', redis.call('GET', VIEW) or '0', text(asker and owned(asker) or 0)}
  for i = 1, #all, 2 do
    local member, line = all[i], all[i + 1]
    local orphans = 0
    if split(line)[7] == 'x' then orphans = owned(member) end
    answer[#answer + 1] = member
    answer[#answer + 1] = line
    answer[#answer + 1] = text(orphans)
  end
  return answer
end

-- Places.

local function place(channel)
  local line = redis.call('HGET', PLACES, channel)
  if not line then return nil end
  local w = split(line)
  return {
    g = tonumber(w[1]), c = tonumber(w[2]), member = w[3], life = tonumber(w[4]),
    target = w[5], targetLife = tonumber(w[6]),
  }
end

local function put(channel, p)
  local line = table.concat({text(p.g), text(p.c), p.member, text(p.life)}, ' ')
  if p.target then line = line .. ' ' .. p.target .. ' ' .. text(p.targetLife) end
  redis.call('HSET', PLACES, channel, line)
end

local function write(channel, p)
  local old = place(channel)
  if old then redis.call('SREM', own(old.member), channel) end
  put(channel, p)
  redis.call('SADD', own(p.member), channel)
end

local function stands(p) return vouches(record(p.member), p.life) end
local function occupied(p) return {'occupied', text(p.g), text(p.c), p.member, text(p.life)} end
local function same(p, tg, tc) return p.g == tg and p.c == tc end
local function older(p, tg, tc) return p.g < tg or (p.g == tg and p.c < tc) end

local function countTo(least)
  local count = tonumber(redis.call('GET', COUNT) or '0')
  if count < least then redis.call('SET', COUNT, text(least)) end
end

local function nextCount()
  local count = tonumber(redis.call('GET', COUNT) or '0') + 1
  redis.call('SET', COUNT, text(count))
  return count
end

local verbs = {}

function verbs.register()
  local member, life, incarnation, sequence = word(), number(), number(), number()
  local load, card = word(), word()
  local replaced = {member = word(), life = number(), incarnation = number(), sequence = number()}
  local r = record(member)
  if r then
    if r.life > life then return {'evicted'} end
    if r.life == life then
      if r.state == 'x' then return {'evicted'} end
      r.incarnation = math.max(r.incarnation, incarnation)
      r.sequence = math.max(r.sequence, sequence) + 1
      r.load = load
      keep(member, r)
      redis.call('HSET', CARDS, member, card)
      return everybody(member)
    end
  end
  local name = string.match(member, '^[^#]*')
  local names = redis.call('HKEYS', MEMBERS)
  table.sort(names)
  for _, other in ipairs(names) do
    if other ~= member and string.match(other, '^[^#]*') == name then
      local o = record(other)
      if o.state ~= 'x' then
        local isIt = replaced.member == other and replaced.life == o.life
          and replaced.incarnation == o.incarnation and replaced.sequence == o.sequence
        if not isIt then
          local answer = everybody(member)
          table.insert(answer, 2, other)
          answer[1] = 'namesake'
          return answer
        end
        o.state = 'x'
        keep(other, o)
      end
    end
  end
  local view = redis.call('INCR', VIEW)
  keep(member, {
    life = life, incarnation = incarnation, sequence = sequence, since = view, seen = 0, asserted = 0, state = 'u',
    load = load,
  })
  redis.call('HSET', CARDS, member, card)
  return everybody(member)
end

function verbs.renew()
  local member, life, _, sequence = word(), number(), number(), number()
  local seen, asserted, load = number(), number(), word()
  local why, r = objection(member, life)
  if why then return why end
  r.sequence = math.max(r.sequence, sequence) + 1
  r.seen, r.asserted, r.load = seen, asserted, load
  keep(member, r)
  return everybody(member)
end

function verbs.bump()
  local member, life, incarnation = word(), number(), number()
  local why, r = objection(member, life)
  if why then return why end
  if r.incarnation < incarnation then
    r.incarnation, r.sequence = incarnation, r.sequence + 1
    keep(member, r)
  end
  return {'done'}
end

function verbs.drain()
  local member, life, wants = word(), number(), word()
  local why, r = objection(member, life)
  if why then return why end
  r.state = wants == '1' and 'd' or 'u'
  keep(member, r)
  return {'done'}
end

function verbs.leave()
  local member, life = word(), number()
  local why, r = objection(member, life)
  if why then return why end
  redis.call('INCR', VIEW)
  if owned(member) > 0 then
    r.state = 'x'
    keep(member, r)
  else
    redis.call('HDEL', MEMBERS, member)
    redis.call('HDEL', CARDS, member)
  end
  return {'done'}
end

function verbs.evict()
  local member, life, incarnation, sequence, view = word(), number(), number(), number(), number()
  if view ~= tonumber(redis.call('GET', VIEW) or '0') then return {'refused'} end
  local r = record(member)
  if r then
    local isSame = r.life == life and r.incarnation == incarnation and r.sequence == sequence
    if r.state == 'x' or not isSame then return {'refused'} end
    r.state = 'x'
    keep(member, r)
    redis.call('INCR', VIEW)
  else
    -- Redis has forgotten it: noted as dead, so that it can't come back in that life.
    local since = redis.call('INCR', VIEW)
    keep(member, {
      life = life, incarnation = incarnation, sequence = sequence, since = since, seen = 0, asserted = 0,
      state = 'x', load = '0 0 0 0 0 0',
    })
  end
  return everybody(nil)
end

function verbs.bury()
  local member, life = word(), number()
  local r = record(member)
  if not r or r.life ~= life or r.state ~= 'x' or owned(member) > 0 then return {'refused'} end
  redis.call('HDEL', MEMBERS, member)
  redis.call('HDEL', CARDS, member)
  return {'done'}
end

function verbs.cards()
  local all = redis.call('HGETALL', CARDS)
  table.insert(all, 1, 'cards')
  return all
end

function verbs.place()
  local channel, member, life, ag, ac = word(), word(), number(), number(), number()
  local why = objection(member, life)
  if why then return why end
  if ag and ag > g then return stale() end
  local p = place(channel)
  if p and stands(p) then return occupied(p) end
  if ag == g then countTo(ac) end
  local c = nextCount()
  write(channel, {g = g, c = c, member = member, life = life})
  return {'placed', text(g), text(c)}
end

function verbs.reassert()
  local member, life, count = word(), number(), number()
  local why = objection(member, life)
  if why then return why end
  local asserted, lost = {}, {}
  for _ = 1, count do
    local channel, tg, tc = word(), number(), number()
    if tg == g then countTo(tc) end
    local p = place(channel)
    local isMine = p and same(p, tg, tc) and p.member == member
    local isFree = not p or older(p, tg, tc) or (same(p, tg, tc) and not stands(p))
    if isMine then
      p.life = life
      put(channel, p)
      redis.call('SADD', own(member), channel)
    elseif isFree then
      write(channel, {g = tg, c = tc, member = member, life = life})
    end
    if isMine or isFree then
      for _, each in ipairs({channel, text(tg), text(tc)}) do asserted[#asserted + 1] = each end
    else
      for _, each in ipairs({channel, text(p.g), text(p.c), p.member, text(p.life)}) do lost[#lost + 1] = each end
    end
  end
  return {'asserted', asserted, lost}
end

function verbs.takeover()
  local member, life, former, count = word(), number(), word(), number()
  local why = objection(member, life)
  if why then return why end
  local taken = {'taken'}
  for _ = 1, count do
    local channel = word()
    local p = place(channel)
    local isOpen = true
    if not p or p.member ~= former then
      redis.call('SREM', own(former), channel)
      isOpen = false
    elseif former ~= member then
      if stands(p) then
        isOpen = false
      elseif p.target and p.target ~= member and vouches(record(p.target), p.targetLife) then
        isOpen = false
      end
    end
    if isOpen then
      local c = nextCount()
      write(channel, {g = g, c = c, member = member, life = life})
      local kept = redis.call('GET', snap(channel))
      for _, each in ipairs({channel, text(g), text(c), kept and '1' or '0', kept or ''}) do
        taken[#taken + 1] = each
      end
    end
  end
  return taken
end

verbs['end'] = function()
  local member, channel, tg, tc = word(), word(), number(), number()
  local p = place(channel)
  if not p then
    redis.call('SREM', own(member), channel)
    return {'refused'}
  end
  if not (same(p, tg, tc) and p.member == member) then return occupied(p) end
  redis.call('SREM', own(p.member), channel)
  redis.call('HDEL', PLACES, channel)
  redis.call('DEL', snap(channel))
  return {'done'}
end

function verbs.list()
  local member, from = word(), word()
  local page = redis.call('SSCAN', own(member), from, 'COUNT', 100)
  local answer = {'listed', page[1]}
  for _, channel in ipairs(page[2]) do answer[#answer + 1] = channel end
  return answer
end

-- What a place must be for its host to change it; else the answer.
local function hosted()
  local channel, tg, tc = word(), number(), number()
  local p = place(channel)
  if not p then return channel, nil, {'refused'} end
  if not same(p, tg, tc) then return channel, nil, occupied(p) end
  return channel, p, nil
end

verbs['move-begin'] = function()
  local channel, p, why = hosted()
  if why then return why end
  local target, life = word(), number()
  local r = record(target)
  if not vouches(r, life) or r.state ~= 'u' then return {'refused'} end
  p.target, p.targetLife = target, life
  put(channel, p)
  return {'done'}
end

verbs['move-finish'] = function()
  local channel, p, why = hosted()
  if why then return why end
  if not p.target or not vouches(record(p.target), p.targetLife) then
    p.target = nil
    put(channel, p)
    return {'refused'}
  end
  local c = nextCount()
  write(channel, {g = g, c = c, member = p.target, life = p.targetLife})
  return {'placed', text(g), text(c)}
end

verbs['move-abort'] = function()
  local channel, p, why = hosted()
  if why then return why end
  p.target = nil
  put(channel, p)
  return {'done'}
end

function verbs.save()
  local channel, _, why = hosted()
  if why then return why end
  redis.call('SET', snap(channel), word())
  return {'done'}
end

local act = verbs[verb]
if not act then return redis.error_reply('ERR the registry knows no verb ' .. verb) end
return act()
