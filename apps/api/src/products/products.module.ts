import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ProductDirectory } from '#request';
import { Products } from './products.service.js';
import { ProductRepository } from './storage/product.repository.js';
import { ProductSchema } from './storage/product.schema.js';

/** Global, because the guard and the error filter ask for the product of any request. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([ProductSchema])],
  providers: [Products, ProductRepository, { provide: ProductDirectory, useExisting: Products }],
  exports: [Products, ProductDirectory],
})
export class ProductsModule {}
