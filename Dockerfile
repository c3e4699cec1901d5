# syntax=docker/dockerfile:1
# A small image of the installed program. `docker build .` has libtorch for the CPU; `docker build --build-arg DRIVER=yes .`
# has the full wheels, for NVIDIA GPUs.

FROM rust:1.90-slim-bookworm AS build
ARG DRIVER=
# The base image decides the versions.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ git make python3 python3-pip \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN make install PREFIX=/opt/tchbench DRIVER="$DRIVER"

FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git libstdc++6 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/tchbench /opt/tchbench
ENV PATH=/opt/tchbench/bin:$PATH
WORKDIR /work
ENTRYPOINT ["tchbench"]
