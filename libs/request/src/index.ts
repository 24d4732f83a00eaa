export { Body, Filters } from './body.js';
export { type Check, Checked, Day, Flag, Id, Line, Moment, OneOf, Prose, Verbatim } from './fields.js';
export { openRequest } from './open-request.js';
export { listed, Page, paged, type PageOf, type PageRequest } from './page.js';
export { ProductDirectory, productHint, type ProductHint } from './product-directory.js';
export { currentOrigin } from './request-scope.js';
export { RowId } from './row-id.js';
export { strictBody } from './strict-body.js';
export { strictQuery } from './strict-query.js';
