// Remembers who looked at which article, forever.
const views = [];

export async function GET(request, { params }) {
  const { id } = await params;
  const view = { id, url: request.url, trail: new Array(2000).fill(id) }; // leaks
  views.push(view);
  return Response.json({ id, views: views.length });
}
