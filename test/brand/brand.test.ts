import { expect, it } from 'vitest'
import { fitted } from '../../lib/brand/brand.ts'

it.each([
  ['keeps its size if it is small', [24, 16], [24, 16]],
  ['fits by its width', [1024, 16], [160, 3]],
  ['fits by its height', [1024, 1024], [40, 40]],
  ['is seen, however narrow', [16, 1024], [1, 40]],
] as const)('a logo in a box %s', (_, [width, height], [shownWidth, shownHeight]) => {
  expect(fitted({ width, height }, { width: 160, height: 40 })).toEqual({
    width: shownWidth,
    height: shownHeight,
  })
})
