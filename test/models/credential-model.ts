/** What is to be true of keys and tokens, in few words: docs/credentials.md in place of the code. Times in milliseconds since 1970. */
export type Credential = {
  readonly owner: string
  readonly kind: 'key' | 'token'
  /** Which secret of another system it is; null for one made here. */
  readonly foreign: number | null
  readonly madeAt: number
  /** How long it was made for, or made to live since; null for ever. */
  life: number | null
  ends: number | null
  isOn: boolean
  usedAt: number | null
  /** The one that ends with the first use of this one. */
  readonly endsOther: string | null
  readonly replaces: string | null
  replacedBy: string | null
  isGone: boolean
}

export type Model = {
  now: number
  /** What users may do about their own. */
  policy: 'none' | 'rotate' | 'all'
  readonly isUserOn: Record<string, boolean>
  /** By the name that each was given, those that are gone included. */
  readonly credentials: Record<string, Credential>
  readonly audit: string[]
}

export const hour = 3_600_000
export const day = 24 * hour

export const live = ({ credentials }: Readonly<Model>): string[] =>
  Object.keys(credentials).filter((name) => credentials[name]?.isGone === false)

export const find = ({ credentials }: Readonly<Model>, name: string): Credential => {
  const found = credentials[name]
  if (found === undefined) throw new Error(`there was never a credential ${name}`)
  return found
}

const isThere = (model: Readonly<Model>, name: string | null): boolean =>
  name !== null && !find(model, name).isGone

const endsLater = (one: number | null, than: number | null): boolean =>
  than !== null && (one === null || one > than)

export const isAccepted = (model: Readonly<Model>, name: string): boolean => {
  const { isGone, isOn, ends, owner } = find(model, name)
  return !isGone && isOn && (ends === null || model.now < ends) && model.isUserOn[owner] === true
}

/** Undefined = left out, null = never, otherwise so long from now. */
export type Life = number | null | undefined

const endAfter = (now: number, life: number | null): number | null => (life === null ? null : now + life)

type Made = Pick<Credential, 'owner' | 'kind'> & Partial<Credential>

const add = (model: Model, name: string, ends: number | null, made: Made): void => {
  model.credentials[name] = {
    ...{ foreign: null, endsOther: null, replaces: null, replacedBy: null, usedAt: null },
    ...{ madeAt: model.now, life: ends === null ? null : ends - model.now, ends, isOn: true, isGone: false },
    ...made,
  }
}

type Asked = { readonly owner: string; readonly kind: 'key' | 'token'; readonly life: Life }

/** An owner that asks with one of its credentials, as it was admitted. Null is an administrator. */
export type By = {
  readonly name: string
  readonly ends: number | null
  readonly policy: Model['policy']
} | null

export const holding = (admitted: Readonly<Model>, name: string): By => ({
  name,
  ends: find(admitted, name).ends,
  policy: admitted.policy,
})

export const make = (model: Model, name: string, { owner, kind, life }: Asked, by: By): string => {
  if (by !== null && by.policy !== 'all') return 'self_service_off'
  const bound = by?.ends ?? null
  const ends = life === undefined ? bound : endAfter(model.now, life)
  if (life === 0 || endsLater(ends, bound)) return 'invalid_request'
  add(model, name, ends, { owner, kind })
  model.audit.push(`credential.created ${name}`)
  return 'ok'
}

export const bring = (model: Model, name: string, asked: Asked, foreign: number): string => {
  if (asked.life === 0) return 'invalid_request'
  if (Object.values(model.credentials).some((one) => one.foreign === foreign)) return 'already_imported'
  add(model, name, endAfter(model.now, asked.life ?? null), { owner: asked.owner, kind: asked.kind, foreign })
  model.audit.push(`credential.imported ${name}`)
  return 'ok'
}

export type Rotation = { readonly life: Life; readonly overlap: number; readonly endOldOnFirstUse: boolean }

export const rotate = (
  model: Model,
  name: string,
  old: string,
  { life, overlap, endOldOnFirstUse }: Rotation,
  by: By,
): string => {
  if (by?.policy === 'none') return 'self_service_off'
  const before = find(model, old)
  if (before.isGone) return 'not_found'
  if (!before.isOn || life === 0) return 'invalid_request'
  const sameLife = endAfter(model.now, before.life)
  const ends = life === undefined ? sameLife : endAfter(model.now, life)
  const isReplaced = isThere(model, before.replacedBy)
  if (by?.policy === 'rotate') {
    if (before.ends !== null && before.ends <= model.now) return 'self_service_off'
    if (isReplaced) return 'in_use'
    if (endsLater(ends, sameLife)) return 'invalid_request'
  }
  const ownEnd = by?.ends ?? null
  // It renews itself for the life that it was given, and gives no other more than it has itself.
  const bound = by?.name === old && !isReplaced ? sameLife : ownEnd
  if (ownEnd !== null && endsLater(ends, bound)) return 'invalid_request'
  // A line never branches: whatever leads to the old one, or to its successor, leads to the newest.
  const leads = live(model).filter((other) => {
    const { replacedBy } = find(model, other)
    return replacedBy !== null && (replacedBy === old || replacedBy === before.replacedBy)
  })
  for (const other of leads) find(model, other).replacedBy = name
  before.ends = Math.min(before.ends ?? Number.POSITIVE_INFINITY, model.now + overlap)
  before.replacedBy = name
  const endsOther = endOldOnFirstUse ? old : null
  add(model, name, ends, { owner: before.owner, kind: before.kind, replaces: old, endsOther })
  model.audit.push(`credential.rotated ${old}`, `credential.created ${name}`)
  return 'ok'
}

export const turn = (model: Model, name: string, isOn: boolean): string => {
  const credential = find(model, name)
  if (credential.isGone) return 'not_found'
  if (credential.isOn !== isOn) model.audit.push(`credential.${isOn ? 'enabled' : 'disabled'} ${name}`)
  credential.isOn = isOn
  return 'ok'
}

/** Another end, counted from now. */
export const move = (model: Model, name: string, life: number | null): string => {
  const credential = find(model, name)
  if (credential.isGone) return 'not_found'
  const ends = endAfter(model.now, life)
  if (ends === credential.ends) return 'ok'
  const hasEnded = credential.ends !== null && credential.ends <= model.now
  if (credential.replacedBy !== null || hasEnded || life === 0) return 'invalid_request'
  credential.ends = ends
  credential.life = ends === null ? null : ends - credential.madeAt
  model.audit.push(`credential.changed ${name}`)
  return 'ok'
}

export const remove = (model: Model, name: string): string => {
  const credential = find(model, name)
  if (credential.isGone) return 'not_found'
  credential.isGone = true
  model.audit.push(`credential.deleted ${name}`)
  return 'ok'
}

export const use = (model: Model, name: string): string => {
  if (!isAccepted(model, name)) return 'not_admitted'
  const credential = find(model, name)
  const isFirst = credential.usedAt === null
  // Told to within an hour.
  if (credential.usedAt === null || model.now - credential.usedAt >= hour) credential.usedAt = model.now
  if (isFirst && credential.endsOther !== null) {
    const other = find(model, credential.endsOther)
    other.ends = Math.min(other.ends ?? Number.POSITIVE_INFINITY, model.now)
  }
  return 'ok'
}

const instant = (milliseconds: number | null): string | null =>
  milliseconds === null ? null : new Date(milliseconds).toISOString()

const shown = (model: Readonly<Model>, name: string) => {
  const one = find(model, name)
  const isReplacing = isThere(model, one.replaces)
  const otherEnd = isReplacing && one.replaces !== null ? find(model, one.replaces).ends : null
  return {
    ...{ name, kind: one.kind, status: one.isOn ? 'active' : 'disabled' },
    ...{ createdAt: instant(one.madeAt), expiresAt: instant(one.ends), lastUsedAt: instant(one.usedAt) },
    ...(one.replaces === null ? {} : { replaces: one.replaces }),
    ...(one.replacedBy === null ? {} : { replacedBy: one.replacedBy }),
    ...(one.foreign === null ? {} : { imported: true }),
    ...(one.foreign === null || one.kind === 'token' ? {} : { clientId: `client-${name}` }),
    ...(otherEnd === null ? {} : { replacedExpiresAt: instant(otherEnd) }),
  }
}

export const stateOf = (model: Readonly<Model>) => {
  const names = live(model).sort()
  const all = Object.keys(model.credentials).sort()
  const isAwaited = (name: string) => find(model, name).life !== null && find(model, name).replacedBy === null
  return {
    listed: Object.fromEntries(
      Object.keys(model.isUserOn).map((owner) => [
        owner,
        names.filter((name) => find(model, name).owner === owner).map((name) => shown(model, name)),
      ]),
    ),
    accepted: all.filter((name) => isAccepted(model, name)),
    /** Of which somebody is to be warned before they end: of what is replaced, nobody. */
    awaited: names.filter(isAwaited),
    audit: [...model.audit].sort(),
    wrongCounts: [],
  }
}
