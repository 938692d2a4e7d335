# The web studio as static files behind nginx. Build from the root:
#   docker build --file deploy/web.Dockerfile --tag ostinato-web .
FROM node:22-slim AS build
WORKDIR /build
ENV NEXT_TELEMETRY_DISABLED=1
COPY services/web/package.json services/web/package-lock.json services/web/.npmrc ./
RUN npm ci
COPY services/web ./
RUN npm run build

FROM nginxinc/nginx-unprivileged:1.29-alpine
COPY --from=build /build/out /usr/share/nginx/html
