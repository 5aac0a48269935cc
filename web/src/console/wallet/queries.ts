/** What the money screens ask the hub for, and how they move money: never twice for one dialog. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { queryClient } from "../../api/queries";
import type { NewVoucher, Terms, Transaction, WalletEntry } from "../../api/types";
import { settingsQuery } from "../queries";

export const walletQuery = (organisationId: string) =>
  queryOptions({
    queryKey: ["money", "wallet", organisationId],
    refetchInterval: 10_000,
    queryFn: () => {
      const query = { organisation_id: organisationId };
      return data(api.GET("/v1/wallet", { params: { query } }));
    },
  });

export interface LowBalance {
  belowUsd: string;
  isNotified: boolean;
}

/** What the hub's settings say of balances that get low. Only who manages the hub may ask. */
export const lowBalanceQuery = queryOptions({
  ...settingsQuery,
  select: (settings): LowBalance => {
    const value = (name: string) => settings.find((setting) => setting.name === name)?.value;
    return {
      belowUsd: String(value("wallet.notice_below_usd")),
      isNotified: Boolean(value("wallet.notice_url")),
    };
  },
});

export interface TransactionFilter {
  type?: Transaction["type"];
  direction?: Transaction["direction"];
  from?: string;
  until?: string;
}

export const transactionsQuery = (organisationId: string, filter: TransactionFilter) => {
  const { type, direction, ...between } = filter;
  return infiniteQueryOptions({
    queryKey: ["money", "transactions", organisationId, filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => {
      const query = {
        organisation_id: organisationId,
        ...between,
        ...(type && { type: [type] }),
        ...(direction && { direction: [direction] }),
        limit: 50,
        ...(pageParam && { cursor: pageParam }),
      };
      const call = api.GET("/v1/billing/transactions", { params: { query } });
      return data(call);
    },
    getNextPageParam: (page) => page.next_cursor,
  });
};

export const vouchersQuery = infiniteQueryOptions({
  queryKey: ["money", "vouchers"],
  initialPageParam: null as string | null,
  queryFn: ({ pageParam }) => {
    const query = { limit: 50, ...(pageParam && { cursor: pageParam }) };
    return data(api.GET("/v1/vouchers", { params: { query } }));
  },
  getNextPageParam: (page) => page.next_cursor,
});

interface Moves {
  "/v1/wallet/grants": { amount_usd: string; organisation_id: string; note?: string };
  "/v1/wallet/refunds": { amount_usd?: string; request_id?: string; organisation_id: string; note?: string };
  "/v1/wallet/corrections": { amount_usd: string; organisation_id: string; note: string };
  "/v1/vouchers/redeem": { code: string };
}

/** Money in or out. The same `once` with the same fields moves it a single time, however often it is sent. */
export async function move<Route extends keyof Moves>(
  route: Route,
  body: Moves[Route],
  once: string,
): Promise<WalletEntry> {
  const call = api.POST(route as "/v1/wallet/corrections", {
    body: body as Moves["/v1/wallet/corrections"],
    headers: { "Idempotency-Key": once },
  });
  const entry = await data(call);
  await moneyMoved();
  return entry;
}

interface VouchersWish {
  amount_usd: string;
  count: number;
  expires_at: string | null;
  note: string | null;
}

export async function makeVouchers(body: VouchersWish, once: string): Promise<NewVoucher[]> {
  const call = api.POST("/v1/vouchers", { body, headers: { "Idempotency-Key": once } });
  const made = await data(call);
  await moneyMoved();
  return made.data;
}

export async function withdrawVoucher(id: string): Promise<void> {
  await data(api.DELETE("/v1/vouchers/{id}", { params: { path: { id } } }));
  await moneyMoved();
}

export async function changeTerms(organisationId: string, terms: Terms): Promise<void> {
  await data(api.PATCH("/v1/wallet", { body: { organisation_id: organisationId, ...terms } }));
  await moneyMoved();
}

/** A key for what a dialog sends: the same as long as it is open, so that a second click does not do it again. */
export function useOnce(): string {
  const [key] = useState(randomKey);
  return key;
}

/** `crypto.randomUUID` is only there on https and loopback. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

function moneyMoved(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ["money"] });
}
