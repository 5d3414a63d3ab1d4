# The command in an image: docker build -t backorder . && docker run --rm -v "$PWD:/work" backorder run flash-sale
FROM python:3.13-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
COPY . /source
RUN pip wheel --no-cache-dir --wheel-dir /wheels "/source[trace,optimise,xlsx]"

FROM python:3.13-slim
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-index --find-links /wheels "backorder-simulator[trace,optimise,xlsx]" && rm -r /wheels
RUN useradd --create-home planner
USER planner
WORKDIR /work
ENTRYPOINT ["backorder"]
CMD ["--help"]
