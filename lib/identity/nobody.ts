/** Stands for whoever a name would belong to that nobody has, so that refusing it takes the same work (L1). No id that is made is spelt so. */
export const nobody = {
  userId: 'usr_nobody',
  organizationId: 'org_nobody',
  canonicalUsername: '(nobody)',
} as const
