import type { APIGatewayProxyEventV2WithLambdaAuthorizer, APIGatewayProxyResultV2 } from 'aws-lambda'

/**
 * An example API behind Postern's authorizer. It uses only the authorizer's context about the caller. It keeps its orders in
 * memory.
 */

type Order = { readonly orderId: number; readonly article: string; readonly quantity: number }
type Caller = Readonly<Record<string, unknown>>
type Event = APIGatewayProxyEventV2WithLambdaAuthorizer<Caller | null>

const keptOrders = 100

const orders: Order[] = [
  { orderId: 1, article: 'Lantern', quantity: 2 },
  { orderId: 2, article: 'Door hinge', quantity: 12 },
  { orderId: 3, article: 'Iron key', quantity: 1 },
]

export async function handler(event: Event): Promise<APIGatewayProxyResultV2> {
  const caller = event.requestContext.authorizer.lambda
  if (event.requestContext.http.method === 'GET') return json(200, { orders, caller })
  const order = readOrder(event)
  if (order === undefined) {
    return json(400, { message: 'An order is {"article": "…", "quantity": 1}' })
  }
  orders.push(order)
  if (orders.length > keptOrders) orders.shift()
  return json(201, { order, caller })
}

function readOrder({ body, isBase64Encoded }: Event): Order | undefined {
  try {
    const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? '')
    const { article, quantity }: { article?: unknown; quantity?: unknown } = JSON.parse(text)
    const isOrder = typeof article === 'string' && article !== '' && article.length <= 100
    if (!isOrder || !Number.isSafeInteger(quantity) || Number(quantity) < 1) return undefined
    return { orderId: (orders.at(-1)?.orderId ?? 0) + 1, article, quantity: Number(quantity) }
  } catch {
    return undefined
  }
}

const json = (statusCode: number, value: unknown): APIGatewayProxyResultV2 => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: `${JSON.stringify(value)}\n`,
})
