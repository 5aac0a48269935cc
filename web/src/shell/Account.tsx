/** Who has signed in, and the way in or out. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { api, data } from "../api/client";
import { queryClient, sessionQuery } from "../api/queries";
import { setCallKey } from "../keys";
import { LinkButton } from "../ui/controls";
import { Menu } from "../ui/Menu";

export function Account() {
  const session = useQuery(sessionQuery);
  const navigate = useNavigate();
  const leave = useMutation({
    mutationFn: () => data(api.DELETE("/v1/session")),
    onSettled: () => {
      setCallKey(null);
      queryClient.clear();
      navigate("/sign-in");
    },
  });
  if (session.isPending) return null;
  if (!session.data) {
    return (
      <LinkButton kind="quiet" to="/sign-in">
        Sign in
      </LinkButton>
    );
  }
  return (
    <Menu
      items={[
        { label: "Account and password", to: "/console/account" },
        { label: "Sign out", onSelect: () => leave.mutate() },
      ]}
      label={session.data.member.name}
      name={`Account of ${session.data.member.name}`}
    />
  );
}
