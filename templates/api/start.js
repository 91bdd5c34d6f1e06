SwaggerUIBundle({
  url: {{ url_for("api.docs.as_json") | tojson }},
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
