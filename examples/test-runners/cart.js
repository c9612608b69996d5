// Remembers every cart that was ever filled.
const carts = [];

function fillCart(customer) {
  const cart = { customer, articles: new Array(200).fill(customer) }; // leaks
  carts.push(cart);
  return cart.articles.length;
}

module.exports = { fillCart };
