import { Injectable } from '@nestjs/common';
import { Subject } from 'rxjs';

interface Change {
  article: string;
  pieces: number;
}

/** Subscribes for each request, and never unsubscribes. */
@Injectable()
export class StockService {
  private readonly changes = new Subject<Change>();

  watch(article: string): { article: string; pieces: number } {
    const days: number[] = new Array(2000).fill(article.length); // leaks
    this.changes.subscribe((change) => {
      if (change.article === article) days.push(change.pieces);
    });
    return { article, pieces: days[0] };
  }
}
