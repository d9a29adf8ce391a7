// Swagger UI shows the API's document. Its own files are those of a package, see `web.pages`.

SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "openapi.json",
  deepLinking: true,
  displayRequestDuration: true,
  validatorUrl: null, // else it asks a service elsewhere whether the document is valid
});
