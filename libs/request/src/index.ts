export { Body } from './body.js';
export { Checked, Id, Line, OneOf, Verbatim, type Check } from './fields.js';
export { openRequest } from './open-request.js';
export { Page, paged, type PageRequest } from './page.js';
export { ProductDirectory, productHint, type ProductHint } from './product-directory.js';
export { currentOrigin } from './request-scope.js';
export { RowId } from './row-id.js';
export { strictBody } from './strict-body.js';
export { strictQuery } from './strict-query.js';
