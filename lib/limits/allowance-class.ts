/**
 * Requests at protected APIs and introspections, which resource servers send for requests at theirs; requests at Postern's endpoints
 * that need no permission; and at those that need one. Each kind has an allowance
 * of its own, so that a caller without any permission cannot keep an administrator from revoking it (L7).
 */
export const allowanceClasses = ['protected', 'self', 'management'] as const

export type AllowanceClass = (typeof allowanceClasses)[number]
