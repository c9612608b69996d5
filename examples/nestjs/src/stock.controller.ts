import { Controller, Get, Inject, Param } from '@nestjs/common';
import { StockService } from './stock.service';

@Controller('stock')
export class StockController {
  constructor(@Inject(StockService) private readonly stock: StockService) {}

  @Get(':article')
  show(@Param('article') article: string) {
    return this.stock.watch(article);
  }
}
