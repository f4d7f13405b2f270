/** OpenAPI documents as other tools write them. */

type Fields = Record<string, unknown>

const answers = { '200': { description: 'OK' } }
export const operation = (tags?: readonly string[], more: Fields = {}): Fields => ({
  ...(tags === undefined ? {} : { tags: [...tags] }),
  responses: answers,
  ...more,
})

export const shop = (paths: Fields, more: Fields = {}): Fields => ({
  openapi: '3.1.0',
  info: { title: 'Shop API', version: '2.4.1' },
  paths,
  ...more,
})

/** The pet store of the OpenAPI Initiative, version 3.0, shortened to what concerns sections. */
export const petStore: Fields = {
  openapi: '3.0.4',
  info: { title: 'Swagger Petstore - OpenAPI 3.0', version: '1.0.27', license: { name: 'Apache 2.0' } },
  servers: [{ url: 'https://petstore3.swagger.io/api/v3' }],
  tags: [
    { name: 'pet', description: 'Everything about your Pets' },
    { name: 'store', description: 'Access to Petstore orders' },
    { name: 'user', description: 'Operations about user' },
  ],
  paths: {
    '/pet': {
      put: operation(['pet'], { operationId: 'updatePet', security: [{ petstore_auth: ['write:pets'] }] }),
      post: operation(['pet'], { operationId: 'addPet' }),
    },
    '/pet/findByStatus': { get: operation(['pet'], { parameters: [{ name: 'status', in: 'query' }] }) },
    '/pet/{petId}': {
      parameters: [{ name: 'petId', in: 'path', required: true, schema: { type: 'integer' } }],
      get: operation(['pet']),
      delete: operation(['pet']),
    },
    '/store/inventory': { get: operation(['store']) },
    '/store/order/{orderId}': { get: operation(['store']), delete: operation(['store']) },
    '/user/{username}': { get: operation(['user']), put: operation(['user']) },
  },
  components: { schemas: { Pet: { type: 'object', properties: { name: { type: 'string' } } } } },
}

/** As `aws apigatewayv2 export-api` writes it. */
export const gatewayExport: Fields = {
  openapi: '3.0.1',
  info: { title: 'orders-http-api', version: '2026-11-21 09:00:00UTC' },
  servers: [
    {
      url: 'https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/{basePath}',
      variables: { basePath: { default: 'prod' } },
    },
  ],
  paths: {
    '/orders/{order-id}': { get: operation(undefined, { 'x-amazon-apigateway-integration': {} }) },
    '/files/{proxy+}': {
      'x-amazon-apigateway-any-method': operation(),
      parameters: [{ name: 'proxy+', in: 'path' }],
    },
  },
  'x-amazon-apigateway-importexport-version': '1.0',
}
