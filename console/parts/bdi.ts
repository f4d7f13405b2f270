import type { ComponentChildren, VNode } from 'preact'
import { Fragment, h, options } from 'preact'
import { nameParts, withoutMarks } from '../texts/isolated-names.ts'

/** These hold text alone. */
const ofText = ['option', 'textarea', 'title', 'text']

const withBdi = (children: ComponentChildren): ComponentChildren => {
  if (Array.isArray(children)) return children.map(withBdi)
  if (typeof children !== 'string') return children
  const parts = nameParts(children)
  return parts.length === 1
    ? children
    : parts.map((part, index) => (index % 2 === 1 ? h('bdi', null, part) : part))
}

/**
 * Every name within a text becomes a `<bdi>`, so that nobody copies the invisible marks of the texts, and no screen can forget it. Labels
 * that are read out have neither.
 */
export const startBdi = (): void => {
  const { vnode: before } = options
  options.vnode = (vnode: VNode<{ children?: ComponentChildren; 'aria-label'?: unknown }>) => {
    const { type, props } = vnode
    if ((typeof type === 'string' && !ofText.includes(type)) || type === Fragment)
      props.children = withBdi(props.children)
    const label = props['aria-label']
    if (typeof label === 'string') props['aria-label'] = withoutMarks(label)
    before?.(vnode)
  }
}
